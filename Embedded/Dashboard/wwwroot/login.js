document.querySelector('#wrong').hidden = !new URLSearchParams(location.search).has('wrong');
document.querySelector('#token').focus();
